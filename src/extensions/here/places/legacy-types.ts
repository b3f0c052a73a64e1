/**
 * Numbers that HERE's search gave connector types before they had names. Where several numbers stand for one name, or one for
 * several, answers leave it out or use the one, and questions take them all. HERE section 13.
 */
const legacyIds: Readonly<Record<string, readonly string[]>> = {
  5: ['DOMESTIC_B'],
  6: ['NEMA_5_20'],
  7: ['DOMESTIC_D'],
  8: ['DOMESTIC_E'],
  9: ['DOMESTIC_F'],
  10: ['DOMESTIC_E', 'DOMESTIC_F'],
  11: ['DOMESTIC_G'],
  12: ['DOMESTIC_H'],
  13: ['DOMESTIC_I'],
  14: ['DOMESTIC_I'],
  15: ['DOMESTIC_I'],
  20: ['DOMESTIC_K'],
  21: ['DOMESTIC_O'],
  22: ['DOMESTIC_L'],
  23: ['DOMESTIC_M'],
  24: ['DOMESTIC_N'],
  29: ['CHADEMO'],
  30: ['IEC_62196_T1'],
  31: ['IEC_62196_T2'],
  32: ['IEC_62196_T3C'],
  33: ['IEC_62196_T1_COMBO'],
  34: ['IEC_62196_T2_COMBO'],
  42: ['DOMESTIC_J'],
  43: ['TESLA_R', 'TESLA_S'],
  48: ['DOMESTIC_A'],
  49: ['DOMESTIC_C'],
  50: ['IEC_62196_T3A'],
  52: ['GBT_AC'],
  53: ['GBT_DC'],
};

/** HERE's names for a number; undefined for one that is not known. */
export const typesOfLegacyId = (id: string): readonly string[] | undefined =>
  Object.hasOwn(legacyIds, id) ? legacyIds[id] : undefined;

/** Of several numbers for one name none says which it is; 10 is a socket for both. */
const ambiguous = new Set(['10', '13', '14', '15']);
const byName = new Map(
  Object.entries(legacyIds)
    .filter(([id]) => !ambiguous.has(id))
    .flatMap(([id, names]) => names.map((name) => [name, id] as const)),
);
export const legacyIdOf = (standard: string): string | undefined => byName.get(standard);
