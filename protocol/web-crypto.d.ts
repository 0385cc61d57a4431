/**
 * Names of the web's cryptography that the contract uses, for rooms without a DOM: Node has the same objects, but not the names of
 * their types. Rooms with a DOM take them from there.
 */
type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type CryptoKeyPair = import('node:crypto').webcrypto.CryptoKeyPair;
