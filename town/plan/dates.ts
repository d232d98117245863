/** The day on which the registers stand as they are made: just after the levy day (賦課期日) of fiscal year 2026. */
export const registerDate = Temporal.PlainDate.from('2026-01-05');
