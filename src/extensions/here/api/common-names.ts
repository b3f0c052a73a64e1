/** What drivers call connector types. */
const names: Readonly<Record<string, string>> = {
  CHADEMO: 'CHAdeMO',
  CHAOJI: 'ChaoJi',
  GBT_AC: 'GB/T AC',
  GBT_DC: 'GB/T DC',
  IEC_60309_2_SINGLE_16: 'Industrial, single phase, 16 A',
  IEC_60309_2_THREE_16: 'Industrial, three phases, 16 A',
  IEC_60309_2_THREE_32: 'Industrial, three phases, 32 A',
  IEC_60309_2_THREE_64: 'Industrial, three phases, 64 A',
  IEC_62196_T1: 'Type 1 (J1772)',
  IEC_62196_T1_COMBO: 'CCS 1',
  IEC_62196_T2: 'Type 2 (Mennekes)',
  IEC_62196_T2_COMBO: 'CCS 2',
  IEC_62196_T3A: 'Type 3A',
  IEC_62196_T3C: 'Type 3C',
  MCS: 'Megawatt Charging System',
  PANTOGRAPH_BOTTOM_UP: 'Pantograph, from below',
  PANTOGRAPH_TOP_DOWN: 'Pantograph, from above',
  SAE_J3400: 'NACS (J3400)',
  TESLA_R: 'Tesla Roadster',
  TESLA_S: 'Tesla',
};

/** Also of those whose name says it all: `NEMA 14-50`, `Household type F`. */
export function commonNameOf(standard: string): string {
  const known = names[standard];
  if (known !== undefined) return known;
  const household = /^DOMESTIC_([A-O])$/.exec(standard)?.[1];
  return household === undefined ? standard.replace(/^NEMA_(\d+)_(\d+)$/, 'NEMA $1-$2') : `Household type ${household}`;
}
