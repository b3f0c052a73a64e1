/**
 * Wire text: a string whose character codes are the bytes of the UTF-8 text.
 *
 * The simulators keep whole documents this way: one byte a character in memory, no decoding on the way in and none on the
 * way out, and what is passed on is byte for byte what was received. JSON's own punctuation is ASCII, so wire text can be
 * parsed and cut like any other JSON text; only what is shown to a person has to be decoded.
 */

/** Encodes an ordinary string as wire text. */
export function toWire(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Decodes wire text into an ordinary string. */
export function fromWire(wire: string): string {
  return Buffer.from(wire, 'latin1').toString('utf8');
}

/**
 * A copy that shares no memory with the text it was cut from. A slice of a string keeps its whole parent alive, which for
 * one object cut out of a page means the whole page.
 */
export function ownCopy(wire: string): string {
  return Buffer.from(wire, 'latin1').toString('latin1');
}
