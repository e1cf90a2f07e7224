/** What is wrong with a configuration: one line per problem, each naming where it stands and what was expected. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  /** Whether every problem is in the flags of the command line, so that this is a usage error. */
  readonly usage: boolean;

  constructor(problems: readonly string[], usage = false) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.usage = usage;
  }
}
