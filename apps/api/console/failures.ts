/** What is said where a page can't be shown. */
import type { Refusal } from './api-calls.js';
import { html } from './html.js';
import type { Page } from './visit.js';

const TITLES: Readonly<Record<number, string>> = {
  400: 'This can’t be asked for',
  403: 'This is not open to you',
  404: 'There is no such thing',
  413: 'Too much was sent',
  415: 'This form can’t be read',
  429: 'Too many questions at once',
  503: 'This can’t be told just now',
};

const ADVICE: Readonly<Record<number, string>> = {
  403: 'Your role or your key does not include it. Whoever manages your tenant’s users can change that.',
  404: 'It may belong to another tenant of your workspace: then go there by the menu at the top.',
  429: 'Wait a minute, then load the page again.',
  503: 'Load the page again in a moment. Nothing was lost.',
};

export const refusedPage = ({ status, message, requestId }: Refusal, path: string): Page => ({
  title: TITLES[status] ?? 'This was refused',
  status,
  content: html`<h1>${TITLES[status] ?? 'This was refused'}</h1>
    <p class="lead">${message}</p>
    <p>${ADVICE[status]}</p>
    <p><a href="${path}">Ask anew</a> or <a href="/console">go to the overview</a>.</p>
    ${requestId && html`<p class="hint">Request <span class="id">${requestId}</span></p>`}`,
});

export const notFoundPage = (): Page => ({
  title: 'There is no such page',
  status: 404,
  content: html`<h1>There is no such page</h1>
    <p class="lead">The address leads nowhere in the console.</p>
    <p>Look for what you need by its id above, or <a href="/console">go to the overview</a>.</p>`,
});

export const staleFormPage = (): Page => ({
  title: 'This form has expired',
  status: 403,
  content: html`<h1>This form has expired</h1>
    <p class="lead">It was not sent from a page of your present session, so nothing was done.</p>
    <p><a href="/console">Go back to the console</a> and try again.</p>`,
});

/** What is wrong with a request itself, or with us. */
export const brokenPage = (status: number): Page => {
  const isOurs = status >= 500;
  const title = isOurs ? 'Something went wrong here' : (TITLES[status] ?? 'This can’t be asked for');
  return {
    title,
    status,
    content: html`<h1>${title}</h1>
      <p class="lead">
        ${isOurs ? 'The page could not be made. Nothing in the books has changed.' : 'The request has a form that is not taken here.'}
      </p>
      <p><a href="/console">Go to the overview</a>.</p>`,
  };
};
