// The X.509 library resolves its parts by decorators' metadata and expects this polyfill before it is loaded.
import 'reflect-metadata';

export * from '@peculiar/x509';
