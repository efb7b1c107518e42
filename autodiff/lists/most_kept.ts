/**
 * Results of at most so many numbers have their own places, which every list fills. Longer ones are elsewhere: lists compute them in
 * room that they share, and bring there what is read.
 */
export const mostKept = 2 ** 13 - 1;
