import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { PAGE_SIZE } from '#contract/query-parameters.js';
import type { CallRequest } from '#platform/http/call.js';
import { Problem } from '#platform/http/problem.js';
import { lines, wantsLines } from '../lines.js';
import { Reading } from '../reading.js';
import { AUDIT } from '../tokens.js';
import type { AuditFilters } from './audit-chain.js';
import type { AuditReading } from './audit-reading.js';

const LINES_AT_ONCE = 500;

interface AuditQueryParameters extends AuditFilters {
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  readonly starting_after?: string;
}

/** The audit log as it is asked for: page by page, or all of it in lines. */
@Injectable()
export class AuditLogAnswers {
  constructor(
    @Inject(AUDIT) private readonly audit: AuditReading,
    @Inject(Reading) private readonly reading: Reading,
  ) {}

  /** `tenantId` null: of operators, what belongs to no tenant. */
  answer(request: CallRequest, tenantId: string | null): Promise<string> | Readable {
    return wantsLines(request) ? this.all(request, tenantId) : this.page(request, tenantId);
  }

  private page({ call }: CallRequest, tenantId: string | null): Promise<string> {
    return this.reading.pageOf(call, tenantId ?? '', async ({ filters, limit, order, startingAfter = null }) => ({
      revision: null,
      ...(await this.audit.page(tenantId, { filters: filters as AuditFilters, limit, order, position: startingAfter })),
    }));
  }

  private all(request: CallRequest, tenantId: string | null): Readable {
    const { limit, starting_after, order = 'asc', ...filters } = request.call.query as AuditQueryParameters;
    const [part] = [limit && 'limit', starting_after && 'starting_after'].filter(Boolean);
    if (part !== undefined) throw new Problem('mutually_exclusive', { param: part as string, message: ALL_AT_ONCE });
    // What comes in meanwhile belongs to the next export, or this one might never end.
    const until = { ...filters, to: filters.to ?? Date.now() };
    return lines(request, this.pieces(tenantId, order, until));
  }

  private async *pieces(tenantId: string | null, order: 'asc' | 'desc', filters: AuditFilters): AsyncIterable<string> {
    for (let position: string | null = null; ;) {
      const page = await this.audit.page(tenantId, { filters, order, limit: LINES_AT_ONCE, position });
      if (page.data.length > 0) yield page.data.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (!page.hasMore) return;
      position = page.last;
    }
  }
}

const ALL_AT_ONCE = `In lines all is answered at once: ${PAGE_SIZE} by ${PAGE_SIZE} it comes as application/json.`;
