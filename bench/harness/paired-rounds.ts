/** Runs both sides in turn, A B A B …, after one uncounted round of each. Noise of a shared machine then strikes both. */
export async function pairedRounds<Measured, Floor>(
  rounds: number,
  measured: (round: number) => Promise<Measured>,
  floor: (round: number) => Promise<Floor>,
): Promise<{ measured: Measured; floor: Floor }[]> {
  const pairs: { measured: Measured; floor: Floor }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair = { measured: await measured(round), floor: await floor(round) };
    if (round > 0) pairs.push(pair);
  }
  return pairs;
}
