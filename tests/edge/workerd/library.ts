/** Documents for tests of the knowledge base, and how they are put, asked about and removed. */
import type { ToolCallResponse } from '#shared/api';
import { bodyOf, type Client } from './support.ts';

export const TEA = {
  title: 'Tea in the Blue Café',
  text: 'Green tea is brewed at 70 °C for two minutes.\n\nA pot is 4.20 and is filled up once for free.',
  url: 'https://blue-cafe.example/tea',
};

export function put(
  by: Client,
  id: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return by.send(`/v1/knowledge/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export async function ask(by: Client, query: string): Promise<Record<string, unknown>> {
  const reply = await by.post('/v1/tools/QueryKnowledgeBase', { arguments: { query } });
  return (await bodyOf<ToolCallResponse>(reply)).observation;
}

export const remove = (by: Client, id: string, headers: Record<string, string> = {}) =>
  by.send(`/v1/knowledge/${id}`, { method: 'DELETE', headers });
