// Holds the emulator's answers against the types that the official Stripe SDK declares for them.
import ts from "typescript";

// The SDK turns decimals into objects; on the wire they are texts. An event's object has a type for each kind of event.
const prelude = `
import Stripe from "stripe";
type Wire<T> =
  T extends string | number | boolean | null | undefined ? T
  : T extends Stripe.Decimal ? string
  : T extends (infer Member)[] ? Wire<Member>[]
  : T extends object ? { [Name in keyof T]: Wire<T[Name]> }
  : T;
`;

export class Answers {
  #kept = [];

  /** Keeps an answer of that type, and gives it back. */
  keep(type, answer) {
    this.#kept.push({ type, json: JSON.stringify(answer) });
    return answer;
  }

  count() {
    return this.#kept.length;
  }

  /** What the compiler has against the answers: fields that are missing, too many, or of another type. */
  complaints() {
    const name = new URL("./answers.ts", import.meta.url).pathname;
    const lines = this.#kept.map(({ type, json }, at) => `export const a${at}: Wire<Stripe.${type}> = ${json};`);
    const source = ts.createSourceFile(name, prelude + lines.join("\n"), ts.ScriptTarget.ES2022, true);
    const options = {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      noEmit: true,
      skipLibCheck: true,
      strict: true,
      target: ts.ScriptTarget.ES2022,
      types: [],
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists } = host;
    host.getSourceFile = (path, ...rest) => (path === name ? source : getSourceFile.call(host, path, ...rest));
    host.fileExists = (path) => path === name || fileExists.call(host, path);
    const program = ts.createProgram([name], options, host);
    return ts
      .getPreEmitDiagnostics(program, source)
      .map((found) => ts.flattenDiagnosticMessageText(found.messageText, "\n").slice(0, 600));
  }
}
