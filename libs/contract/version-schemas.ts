/** Schemas of what is answered about API versions: rows of `resource-schemas.ts`. */
import { complete, flag, is, list, nullable, oneOf, ref, text, time, whole, type Schema } from './schema-words.js';
import { BREAK_CLASSES } from './versions/change.js';
import { HARMLESS_KINDS } from './versions/differences.js';

const breaks = oneOf(...Object.keys(BREAK_CLASSES));
const date: Schema = { type: 'string', format: 'date' };

export const VERSION_SCHEMAS: Readonly<Record<string, Schema>> = {
  api_version_change: complete({
    object: is('api_version_change'),
    id: text,
    api_version: { ...date, description: 'The version that it came with.' },
    breaks: list(breaks),
    what: text,
    why: text,
    how: { ...text, description: 'What a client has to do.' },
    details: { ...list(text), description: 'What is different, one by one.' },
  }),
  api_version: complete({
    object: is('api_version'),
    id: date,
    status: oneOf('current', 'supported', 'deprecated', 'retired'),
    released_at: date,
    deprecated_at: nullable(date),
    ends_at: {
      ...nullable(date),
      description: 'The first day on which it is no longer served: at least 24 months after its successor shipped.',
    },
    successor: nullable(date),
    changes: list(ref('api_version_change')),
    openapi_url: text,
    docs_url: text,
    migration_url: { ...nullable(text), description: 'How to come here from the version before.' },
  }),
  api_version_release: complete({
    object: is('api_version_release'),
    id: { ...date, description: 'The version that shipped, on this day.' },
    supersedes: { ...nullable(date), description: 'The version that was the newest until then.' },
    changes: { ...list(text), description: 'Ids of the changes that break a client of that one.' },
  }),
  api_version_diff: complete({
    object: is('api_version_diff'),
    from: date,
    to: date,
    changes: {
      ...list(ref('api_version_change')),
      description: 'That lie between them, oldest first. Going back, they are undone.',
    },
    differences: {
      ...list(
        complete({
          kind: oneOf(...Object.keys(BREAK_CLASSES), ...Object.keys(HARMLESS_KINDS)),
          is_breaking: flag,
          at: text,
          detail: text,
        }),
      ),
      description: 'Of their OpenAPI documents, as a program finds them.',
    },
  }),
  changelog: complete({ object: is('changelog'), data: list(ref('api_version')) }),
  notice: complete({
    object: is('notice'),
    id: text,
    type: is('api_version_released'),
    version: { ...date, description: 'The version that shipped.' },
    title: text,
    message: text,
    url: text,
    starts_at: time,
    ends_at: time,
  }),
  version_report: complete({
    object: is('version_report'),
    from: { ...date, description: 'What applies to the tenant’s calls that name no version.' },
    to: date,
    changes_between: whole,
    changes_touched: { ...whole, description: 'How many of them touch the tenant’s traffic.' },
    data: list(
      complete({
        change: ref('api_version_change'),
        calls: whole,
        last_at: nullable(time),
        operations: list(complete({ operation: text, calls: whole, last_at: time })),
      }),
    ),
  }),
  version_rehearsal: complete({
    object: is('version_rehearsal'),
    from: date,
    to: date,
    compared: { ...whole, description: 'Reads that were asked again.' },
    different: { ...whole, description: 'How many of them are answered otherwise.' },
    data: list(
      complete({
        operation: text,
        path: text,
        from_status: whole,
        to_status: whole,
        differences: list(
          complete({
            at: { ...text, description: 'Dotted; the first 100.' },
            from: { description: 'What it is now; null where it is not there.' },
            to: { description: 'What it would be.' },
          }),
        ),
      }),
    ),
  }),
};
