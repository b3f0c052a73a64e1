import { describeWithPostgres } from '../support/services/index.js';
import { describeDocumentList } from './document-list-contract.js';
import { openPostgres } from './postgres-under-test.js';

describeWithPostgres('on PostgreSQL', () => describeDocumentList('PostgreSQL', openPostgres, { keepsPages: false }));
