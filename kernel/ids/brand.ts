declare const brand: unique symbol;
/** A value of type T that only its owning module may make: `type CaseId = Brand<string, 'CaseId'>`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
