export { createDatabase, type TestDatabase } from './databases.js';
export { describeWithPostgres, describeWithRedis, postgresUrl, redisUrl } from './services.js';
export { describeUnless } from './skippable.js';
