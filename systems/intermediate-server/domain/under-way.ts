/**
 * Inquiries that this process has on their way, by number, with what will become of each: whoever comes again for one joins it. What is
 * not here is on nobody's way any more, whatever ended the process that had it.
 */
export class UnderWay<T> {
  readonly #ends = new Map<string, Promise<T>>();

  endOf(inquiryNumber: string): Promise<T> | undefined {
    return this.#ends.get(inquiryNumber);
  }

  async until(inquiryNumber: string, end: Promise<T>): Promise<T> {
    this.#ends.set(inquiryNumber, end);
    try {
      return await end;
    } finally {
      this.#ends.delete(inquiryNumber);
    }
  }
}
