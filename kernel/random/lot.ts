import { seededRandom } from './random.ts';

/**
 * A number from 0 to 99 that is the same for the same seed and thing, for ever: a process that dies and comes again behaves in the same
 * way. For stand-ins that misbehave by seed.
 */
export const lot = (seed: string, about: string): number => seededRandom(`${seed}\0${about}`).below(100);
