/** Telling a database that is down, full or too slow from a query that is wrong. */

/** Errors of the operating system while connecting or talking. */
const SOCKET = /^(ECONN[A-Z]+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN)$/;

/**
 * SQLSTATE classes: connections (08), too little of something (53), an operator's intervention and a statement that took too
 * long (57), a transaction that stood idle (25P03), a lock that was waited for too long (55P03).
 */
const SQLSTATE = /^(08...|53...|57P0.|57014|25P03|55P03)$/;

/** What `pg` and its pool say, without a code. */
const SAID =
  /^(timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Rooms wrap what they met; what they met is looked for no deeper than this. */
const DEPTH = 5;

/** Whether an error says that a database or event store can't answer at this moment. */
export const isUnavailable = (error: unknown): boolean => {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < DEPTH; depth += 1) {
    const { name, message, code, cause } = at as { [of in 'name' | 'message' | 'code' | 'cause']?: unknown };
    if (name === 'StoreUnavailable' || (typeof message === 'string' && SAID.test(message))) return true;
    if (typeof code === 'string' && (SOCKET.test(code) || SQLSTATE.test(code))) return true;
    at = cause;
  }
  return false;
};
