import { describe, expect, it } from '@jest/globals';
import { ReceiverRoom } from './receiver-room.js';

describe('the room of a receiver', () => {
  it('is never taken by one caller: another always finds a place', () => {
    const room = new ReceiverRoom(8);
    const taken = Array.from({ length: 20 }, () => room.enter('CP1', 'EM1')).filter((leave) => leave !== undefined);
    expect(taken).toHaveLength(4);
    expect(room.enter('CP1', 'EM2')).toBeDefined();
    expect(room.enter('CP1', 'EM3')).toBeDefined();
  });

  it('is limited, however many share it', () => {
    const room = new ReceiverRoom(8);
    const taken = Array.from({ length: 50 }, (_, n) => room.enter('CP1', `EM${n}`)).filter(
      (leave) => leave !== undefined,
    );
    expect(taken).toHaveLength(8);
  });

  it('is there again once it is left, and one receiver takes none of the other', () => {
    const room = new ReceiverRoom(1);
    const leave = room.enter('CP1', 'EM1');
    expect(room.enter('CP1', 'EM2')).toBeUndefined();
    expect(room.enter('CP2', 'EM1')).toBeDefined();
    leave?.();
    expect(room.enter('CP1', 'EM2')).toBeDefined();
  });
});
