/** How this house works. All nothing: what is ordered is printed, nothing is spoiled, everything goes to the post. */
export interface Manners {
  /** Envelopes of a job that are spoiled, destroyed and made again. */
  readonly spoiled: number;
  /** Envelopes that are made and do not go out. */
  readonly heldBack: number;
  /** Spoiled ones that the report forgets: its counts do not add up. */
  readonly unreported: number;
  /** The composing program is still the one of the form's former version, whatever stock was bought (INC-30). */
  readonly oldProgram: boolean;
}
export const wellBehaved: Manners = { spoiled: 0, heldBack: 0, unreported: 0, oldProgram: false };
