/** ms on a clock that all processes of this machine share, which performance.now() is not. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;
