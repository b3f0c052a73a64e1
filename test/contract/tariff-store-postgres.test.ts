import { describeWithPostgres } from '../support/services/index.js';
import { openPostgres } from './postgres-under-test.js';
import { describeTariffStore } from './tariff-store-contract.js';

describeWithPostgres('on PostgreSQL', () => describeTariffStore('PostgreSQL', openPostgres));
