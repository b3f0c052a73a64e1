import { describeDocumentList } from './document-list-contract.js';
import { openSqlite } from './storage-under-test.js';

describeDocumentList('SQLite', openSqlite, { keepsPages: true });
