/** OCPI status codes. Spec: 2.2.1 §5, ST-04…ST-08. */
export const StatusCode = {
  success: 1000,
  clientError: 2000,
  invalidParameters: 2001,
  notEnoughInformation: 2002,
  unknownLocation: 2003,
  unknownToken: 2004,
  serverError: 3000,
  cannotUseClientApi: 3001,
  unsupportedVersion: 3002,
  missingEndpoints: 3003,
  hubError: 4000,
  unknownReceiver: 4001,
  receiverTimeout: 4002,
  receiverNotConnected: 4003,
} as const;
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** Whether an OCPI status code says success (ST-11). */
export function isSuccessCode(code: number | undefined): boolean {
  return code !== undefined && code >= 1000 && code <= 1999;
}
