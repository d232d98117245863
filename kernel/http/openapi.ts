import { z } from 'zod';
import type { Party } from '../pki/party.ts';
import type { AnyEndpoint } from './endpoint.ts';
import { generalProblems } from './problem.ts';

/** The OpenAPI 3.1 document of a service, from the schemas that check its messages. */
export function openApiOf(party: Party, endpoints: readonly AnyEndpoint[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: { title: `${party.organisation}/${party.system}`, version: '1' },
    paths,
    components: { schemas: { Problem: problemSchema }, securitySchemes: { peer: { type: 'mutualTLS' } } },
  };
}

function operationOf(endpoint: AnyEndpoint): Record<string, unknown> {
  const request = schemaOf(endpoint.request, 'input');
  const parameters = [
    ...parametersOf(endpoint.params === undefined ? {} : schemaOf(endpoint.params, 'input'), 'path'),
    ...(endpoint.method === 'GET' ? parametersOf(request, 'query') : []),
    ...(endpoint.idempotent
      ? [{ name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', format: 'uuid' } }]
      : []),
  ];
  return {
    operationId: endpoint.id,
    'x-right': endpoint.right,
    security: endpoint.callers === 'anyone' ? [] : [{ peer: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.method === 'GET'
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: request } } } }),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: schemaOf(endpoint.response, 'output') } } },
      ...problemsOf(endpoint),
    },
  };
}

function problemsOf(endpoint: AnyEndpoint): Record<number, unknown> {
  const byStatus = new Map<number, string[]>();
  for (const [word, { status, title }] of Object.entries({ ...generalProblems, ...endpoint.errors } as Record<
    string,
    { status: number; title: string }
  >)) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${word}: ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      {
        description: lines.join('\n'),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

function parametersOf(schema: Record<string, unknown>, place: 'path' | 'query'): Record<string, unknown>[] {
  const required = new Set((schema.required as string[] | undefined) ?? []);
  return Object.entries((schema.properties as Record<string, unknown> | undefined) ?? {}).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: each,
  }));
}

const problemSchema = {
  type: 'object',
  required: ['type', 'status', 'title', 'code'],
  properties: {
    type: { type: 'string' },
    status: { type: 'integer' },
    title: { type: 'string' },
    code: { type: 'string' },
    fields: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, fault: { type: 'string' } } },
    },
  },
};
