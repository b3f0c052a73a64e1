import { codeOf, StorageRefusal, StorageUnavailable } from './storage-error.js';

/**
 * SQLSTATEs that tell of the server, the connection or a lock, not of the one statement: connection (08), rights that are gone
 * (28, 42501), database gone, emptied or closed (3D000, 3F000, 42P01, 42883, 55000), no room or no slot (53), cancelled or shutting down (57), the system below (58, XX), no disk to
 * write (25006), idle for too long (25P03), and what stays after its retries (40001, 40P01, 55P03).
 */
const faultStates =
  /^(08...|28...|3D000|3F000|42P01|42501|42883|53...|57...|58...|XX...|25006|25P0[34]|40001|40P01|55000|55P03)$/;

/** Codes of the operating system and of TLS that a driver hands on. */
const networkCodes =
  /^(E(CONN|NOTFOUND|AI_|TIMEDOUT|PIPE|HOST|NET|ADDR)|ENOENT$|EACCES$|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL)/;

/** What pg and its pool say without any code. */
const driverTexts =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Client has been closed|Cannot use a pool after|Called end on pool|The server does not support SSL|Driver not Connected|Connection ended)/i;

/** What the mapper says once the connection of a transaction is gone. */
const mapperNames = /^(QueryRunner(Provider)?AlreadyReleasedError|TransactionNotStartedError|ConnectionIsNotSetError)$/;

/** Whether an error of pg or of the mapper above it tells of the storage as a whole. */
export function isPostgresFault(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') return faultStates.test(code) || networkCodes.test(code);
  return error instanceof Error && (driverTexts.test(error.message) || mapperNames.test(error.name));
}

/** A fault as {@link StorageUnavailable}, anything else as it is. */
export function asUnavailable(error: unknown): unknown {
  return isPostgresFault(error) ? new StorageUnavailable(error) : error;
}

/** Whether the server undid the transaction for the sake of others, so that it may simply be run again. */
export function isRetryable(error: unknown): boolean {
  return /^(40001|40P01)$/.test(codeOf(error));
}

/** Whether a statement that is a transaction of its own was surely undone: in favour of others, or after waiting for them. */
export function isUndone(error: unknown): boolean {
  return isRetryable(error) || codeOf(error) === '55P03';
}

/** Whether the connection is gone, so that another one may well serve. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  return code === '' ? isPostgresFault(error) : /^(57P01|08...|ECONNRESET|EPIPE)$/.test(code);
}

/** Why the database cannot be used at start, as one sentence without password and host. */
export function refusalOf(error: unknown): StorageRefusal | undefined {
  const code = codeOf(error);
  if (/^28/.test(code))
    return new StorageRefusal(`PostgreSQL refuses the user name or password of the database URL (${code}).`);
  if (code === '3D000')
    return new StorageRefusal(`The database that the database URL names does not exist (${code}); create it first.`);
  if (code === '42501')
    return new StorageRefusal(`The user of the database URL may not create tables in its schema (${code}).`);
  if (code === '53300')
    return new StorageRefusal(`PostgreSQL has no connection left (${code}); raise max_connections.`);
  if (code === '57P03') return new StorageRefusal(`PostgreSQL is still starting or stopping (${code}).`);
  if (code === 'ERR_INVALID_URL') return new StorageRefusal('The database URL cannot be read.');
  if (!isPostgresFault(error)) return undefined;
  const why = code === '' ? (error as Error).message : code;
  return new StorageRefusal(
    `The PostgreSQL database cannot be reached (${why}); see that it runs and that its URL is right.`,
  );
}
