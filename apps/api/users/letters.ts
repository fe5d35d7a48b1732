import type { Letter } from '#platform/mail/mail.js';

const linkOf = (dashboardUrl: string, path: string, token: string): string =>
  // Behind the hash it is sent to no server and stands in no log.
  `${dashboardUrl.replace(/\/$/, '')}/${path}#token=${token}`;

const way = (dashboardUrl: string | null, path: string, route: string, token: string): string =>
  dashboardUrl === null
    ? `Token: ${token}\nIt is to be sent as "token" to POST ${route}.`
    : linkOf(dashboardUrl, path, token);

/** No names and no tenant's name: whoever reads a letter that was not meant for them learns of nobody. */
export const invitationLetter = (to: string, userId: string, token: string, dashboardUrl: string | null): Letter => ({
  to,
  about: userId,
  subject: 'You are invited',
  text:
    `You are invited to work on an account. Accept within seven days:\n\n` +
    `${way(dashboardUrl, 'invitations/accept', '/api/v1/auth/invitations/accept', token)}\n\n` +
    'If you did not expect this, nothing happens unless you accept.\n',
});

export const resetLetter = (to: string, userId: string, token: string, dashboardUrl: string | null): Letter => ({
  to,
  about: userId,
  subject: 'Choose another password',
  text:
    `Choose another password within fifteen minutes:\n\n` +
    `${way(dashboardUrl, 'password/reset', '/api/v1/auth/password/reset/confirm', token)}\n\n` +
    'If you did not ask for this, your password stays as it is.\n',
});

export const loginLetter = (to: string, userId: string, token: string, dashboardUrl: string | null): Letter => ({
  to,
  about: userId,
  subject: 'Sign in',
  text:
    `Sign in within fifteen minutes, once:\n\n${way(dashboardUrl, 'login', '/api/v1/auth/login', token)}\n\n` +
    'If you did not ask for this, nothing happens unless you use it.\n',
});
