// What a bank calls a UPI payment: twelve digits, often written with spaces.
export const isUtr = (typed: string): boolean => /^\d{12}$/.test(typed.replace(/\s/g, ''));
