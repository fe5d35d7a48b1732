/** Markup that may be sent as it is. Whatever else stands in a template is text, and is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Child = Markup | string | number | null | undefined | false | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);

const written = (child: Child): string => {
  if (child === null || child === undefined || child === false) return '';
  if (child instanceof Markup) return child.text;
  if (typeof child === 'object') return child.map(written).join('');
  return escaped(String(child));
};

/** Markup of a template. Values of attributes stand in double quotes, and no value in a tag's or an attribute's name. */
export const html = (parts: TemplateStringsArray, ...children: readonly Child[]): Markup =>
  new Markup(parts.reduce((text, part, at) => text + written(children[at - 1]) + part));

export const NOTHING = new Markup('');
