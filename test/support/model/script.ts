/**
 * What the scripted model answers, decided by what the person wrote last (nothing else about it is a model):
 *   write the file PATH [with TEXT]   calls the agent's tool for writing files (for a name without a folder, its shell)
 *   run the command COMMAND           calls the agent's shell
 *   stream long [N]                   N pieces of text (300), slowly, so that it can be cancelled in mid-stream
 *   repeat my first prompt            says what the conversation began with: proof that its history is there
 *   model error                       answers with an error that is not worth a retry
 *   anything else                     says it back
 * After a tool's result it says whether the tool did it. Calls without tools are an agent's side work (titles, topics).
 */

/** A request in whichever API, as far as the script cares. */
export interface ModelRequest {
  readonly model: string;
  readonly system: string;
  /** What the person wrote, oldest first, without what the agent added to it. */
  readonly prompts: readonly string[];
  /** Results of tools since the last prompt, oldest first. */
  readonly toolResults: readonly ToolResult[];
  readonly tools: readonly ToolOffer[];
  readonly isStreamed: boolean;
}

export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

export interface ToolOffer {
  readonly name: string;
  /** Names of the input's properties. */
  readonly properties: readonly string[];
}

export type ModelReply =
  | { kind: 'text'; pieces: readonly string[]; pauseMs: number }
  | { kind: 'tool'; name: string; input: Readonly<Record<string, unknown>> }
  | { kind: 'error'; message: string };

const LONG_PIECES = 300;
const LONG_PAUSE_MS = 25;
/** How agents' tools report, in words, that a person said no; not all of them set the error flag. */
const REFUSAL = /denied|rejected|refused|not allowed|doesn't want|does not want|permission/i;

export function nextReply(request: ModelRequest): ModelReply {
  const prompt = request.prompts.at(-1)?.trim() ?? '';
  if (isSideWork(request)) return sideReply(request);

  const result = request.toolResults.at(-1);
  if (result) {
    const isRefused = result.isError || REFUSAL.test(result.text);
    return say(isRefused ? `It was not done: ${result.text.slice(0, 200)}` : 'It is done.');
  }
  const write = /write the file (\S+)(?: with (.+))?/is.exec(prompt);
  if (write?.[1]) return writeFile(request, write[1], write[2]?.trim() ?? 'Written by the scripted model.');
  const command = /run the command (.+)/is.exec(prompt);
  if (command?.[1]) return runCommand(request, command[1].trim());
  const long = /stream long(?: (\d+))?/i.exec(prompt);
  if (long) {
    const count = Number(long[1] ?? LONG_PIECES);
    const pieces = Array.from({ length: count }, (_value, index) => `piece ${index + 1} of ${count}\n`);
    return { kind: 'text', pieces, pauseMs: LONG_PAUSE_MS };
  }
  if (/repeat my first prompt/i.test(prompt)) return say(`Your first prompt was: ${request.prompts[0] ?? ''}`);
  if (/model error/i.test(prompt)) return { kind: 'error', message: 'The scripted model fails as it was told to.' };
  return say(`You said: ${prompt}`);
}

/** Whether the agent asks on its own behalf: for a title, a topic, a suggestion of what a person might want next. */
export function isSideWork(request: ModelRequest): boolean {
  return request.tools.length === 0 || request.prompts.at(-1)?.trimStart().startsWith('[SUGGESTION MODE') === true;
}

function sideReply(request: ModelRequest): ModelReply {
  return say(/json/i.test(request.system) ? '{"title":"Scripted session","isNewTopic":false}' : 'Scripted session');
}

function writeFile(request: ModelRequest, path: string, text: string): ModelReply {
  const tool = findTool(request, ['write', 'write_file', 'create_file']);
  const isAbsolute = path.startsWith('/') || /^[a-z]:\\/i.test(path);
  if (tool === undefined || !isAbsolute)
    return runCommand(request, `printf '%s' '${text.replaceAll("'", `'\\''`)}' > ${path}`);
  return {
    kind: 'tool',
    name: tool.name,
    input: { [property(tool, /path|file/i)]: path, [property(tool, /content|text/i)]: text },
  };
}

function runCommand(request: ModelRequest, command: string): ModelReply {
  const tool = findTool(request, ['bash', 'shell', 'shell_command', 'exec_command', 'run_shell_command']);
  if (tool === undefined) return say(`I have no shell among: ${request.tools.map(({ name }) => name).join(', ')}`);
  const input: Record<string, unknown> = { [property(tool, /^(command|cmd)$/i)]: command };
  if (tool.properties.includes('description')) input.description = 'Run the command that was asked for';
  return { kind: 'tool', name: tool.name, input };
}

function findTool({ tools }: ModelRequest, names: readonly string[]): ToolOffer | undefined {
  for (const name of names) {
    const tool = tools.find((offer) => offer.name.toLowerCase() === name);
    if (tool) return tool;
  }
  return undefined;
}

function property(tool: ToolOffer, pattern: RegExp): string {
  const name = tool.properties.find((candidate) => pattern.test(candidate));
  if (name === undefined)
    throw new Error(`The tool ${tool.name} has no input like ${pattern}: ${tool.properties.join(', ')}`);
  return name;
}

function say(text: string): ModelReply {
  return { kind: 'text', pieces: text.match(/\S+\s*/g) ?? [text], pauseMs: 0 };
}
