import { createDatabase, redisUrl } from '../services/index.js';

/** What a hub stores in and queues with, as settings of its process. */
export interface Stack {
  readonly env: Readonly<Record<string, string>>;
  release(): Promise<void>;
}

/** The two ways in which a hub is run: on its own, and on services. For `describe.each`. */
export const stacks: readonly { readonly name: string; readonly open: () => Promise<Stack> }[] = [
  { name: 'SQLite', open: async () => ({ env: {}, release: async () => undefined }) },
  {
    name: 'PostgreSQL and Redis',
    open: async () => {
      const database = await createDatabase();
      return {
        env: { ROAMHUB_DATABASE_URL: database.url, ROAMHUB_REDIS_URL: redisUrl() },
        release: () => database.drop(),
      };
    },
  },
];
