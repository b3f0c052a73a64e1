export {
  KeptObjects,
  type KeptOutcome,
  type KeptReaders,
  type KeptWrite,
  type Relation,
  visibleRelations,
} from './kept-objects.js';
