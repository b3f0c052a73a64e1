import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { postgresUrl } from './services.js';

/** An empty PostgreSQL database of one test or test file. */
export interface TestDatabase {
  url: string;
  /** Removes it, with whatever is still connected. */
  drop(): Promise<void>;
}

/** Creates an empty database beside the one of `postgresUrl()`. */
export const createDatabase = async (): Promise<TestDatabase> => {
  const name = `roamhub_test_${randomBytes(6).toString('hex')}`;
  await execute(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
};

const execute = async (statement: string): Promise<void> => {
  const server = new DataSource({ type: 'postgres', url: postgresUrl() });
  await server.initialize();
  try {
    await server.query(statement);
  } finally {
    await server.destroy();
  }
};
