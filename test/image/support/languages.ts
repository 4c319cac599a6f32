import type { Language } from '../../../provisioner/image/languages.ts'

/** What one cell of an example shows. A picture is decoded and must have more than one colour. */
export type Shown = string | RegExp | 'picture'

/** What each language is asked beside its example. */
export interface LanguageTest {
  readonly language: Exclude<Language, 'science'>
  readonly kernel: string
  readonly example: string
  /** For each code cell of the example, in its order: all the text that it shows, or a picture. */
  readonly shows: readonly Shown[]
  /** A mistake in its second line; what must stand in the error to tell it and its place. */
  readonly mistake: { readonly code: string; readonly told: readonly RegExp[] }
  /** Sets x to 41, and later shows x + 1. */
  readonly remember: string
  readonly recall: string
  /** Prints something, and then never ends, by computing and by waiting. */
  readonly loop: string
  readonly sleep: string
  /** Asks whoever runs the cell for a line. Where nobody is there, PHP reads an end. */
  readonly question?: string
  /** What is begun, and one of what it may become. */
  readonly completion: readonly [begun: string, whole: string]
  /** Prints π 漢 🎈 as it is written in a cell. */
  readonly wide: string
}

export const WIDE = 'π 漢 🎈'

const python = {
  mistake: { code: 'y = 1\ny / 0', told: [/ZeroDivisionError/, /2 y ?\/ ?0|line 2/] },
  remember: 'x = 41',
  recall: 'print(x + 1)',
  loop: 'print("begun", flush=True)\nwhile True: pass',
  sleep: 'import time\nprint("begun", flush=True)\ntime.sleep(600)',
  question: 'input("name? ")',
  completion: ['"".isalp', 'isalpha'],
  wide: `print("${WIDE}")`,
} as const

export const languageTests: readonly LanguageTest[] = [
  {
    language: 'python',
    kernel: 'python3',
    example: 'Python',
    shows: ['hello world\n', '', '', 'hello from python 3\n'],
    ...python,
  },
  {
    language: 'tensorflow',
    kernel: 'tensorflow',
    example: 'TensorFlow',
    shows: ['', 'tf.Tensor(6.0, shape=(), dtype=float32)\ntf.Tensor(9.0, shape=(), dtype=float32)\n', 'picture'],
    ...python,
  },
  {
    language: 'r',
    kernel: 'ir',
    example: 'R',
    shows: ['picture'],
    // R tells the line of what it cannot read, and not of what fails as it runs.
    mistake: { code: 'y <- 1\ny +* 2', told: [/unexpected '\*'/, /2:4/] },
    remember: 'x <- 41',
    recall: 'cat(x + 1, "\\n", sep = "")',
    loop: 'cat("begun\\n"); flush.console()\nrepeat {}',
    sleep: 'cat("begun\\n"); flush.console()\nSys.sleep(600)',
    question: 'readline("name? ")',
    completion: ['barpl', 'barplot'],
    wide: `cat("${WIDE}\\n")`,
  },
  {
    language: 'java',
    kernel: 'java',
    example: 'Java',
    shows: ['hello\n', '', '', 'Hello World!\n'],
    // Java's compiler tells the statement, and not its line.
    mistake: { code: 'int y = 1;\nnosuch(y);', told: [/cannot find symbol/, /\|\s+nosuch\(y\);/] },
    remember: 'int x = 41;',
    recall: 'System.out.println(x + 1);',
    loop: 'System.out.println("begun");\nwhile (true) { Thread.onSpinWait(); }',
    sleep: 'System.out.println("begun");\nThread.sleep(600_000);',
    completion: ['System.out.printl', 'println('],
    wide: `System.out.println("${WIDE}");`,
  },
  {
    language: 'php',
    kernel: 'php',
    example: 'PHP',
    shows: ['hello world', Array.from({ length: 11 }, (_, x) => `The number is: ${x}`).join('')],
    mistake: { code: '$y = 1;\nintdiv($y, 0);', told: [/DivisionByZeroError/, /line 2/] },
    remember: '$x = 41;',
    recall: 'echo $x + 1, "\\n";',
    loop: 'echo "begun\\n";\nwhile (true) {}',
    sleep: 'echo "begun\\n";\nsleep(600);',
    completion: ['array_uni', 'array_unique'],
    wide: `echo "${WIDE}\\n";`,
  },
  {
    language: 'octave',
    kernel: 'octave',
    example: 'MATLAB (Octave)',
    shows: [/^A =\s+1\s+2\s+3\s+4\s+$/, /B =\s+5\s+11\s+11\s+25[\s\S]*ans = -2/, 'picture'],
    mistake: { code: 'y = 1;\ny + nosuch', told: [/'nosuch' undefined/, /at line 2 column/] },
    remember: 'x = 41;',
    recall: 'printf("%d\\n", x + 1)',
    loop: 'printf("begun\\n"); fflush(stdout);\nwhile true, end',
    sleep: 'printf("begun\\n"); fflush(stdout);\npause(600)',
    question: 'name = input("name? ", "s")',
    completion: ['linspac', 'linspace'],
    wide: `printf("${WIDE}\\n")`,
  },
  {
    language: 'javascript',
    kernel: 'javascript',
    example: 'JavaScript',
    shows: ['hello\n', '', '', 'hello\n', '', 'yeah!\n'],
    mistake: { code: 'let y = 1;\nnosuch(y);', told: [/ReferenceError/, /line 2|:2[:)]/] },
    remember: 'const x = 41;',
    recall: 'console.log(x + 1);',
    loop: 'console.log("begun");\nwhile (true) {}',
    sleep: 'console.log("begun");\nawait new Promise((resolve) => setTimeout(resolve, 600_000));',
    completion: ['Math.flo', 'floor'],
    wide: `console.log("${WIDE}");`,
  },
  {
    language: 'typescript',
    kernel: 'typescript',
    example: 'TypeScript',
    shows: ['42\n'],
    mistake: { code: 'const y: number = 1;\nnosuch(y);', told: [/nosuch/, /2:\d|:2\b|line 2/] },
    remember: 'let x = 41;',
    recall: 'console.log(x + 1);',
    loop: 'console.log("begun");\nwhile (true) {}',
    sleep: 'console.log("begun");\nawait new Promise((resolve) => setTimeout(resolve, 600_000));',
    completion: ['Math.flo', 'floor'],
    wide: `console.log("${WIDE}");`,
  },
  {
    language: 'bash',
    kernel: 'bash',
    example: 'Bash',
    shows: ['', 'hello from bash\n'],
    mistake: { code: 'y=1\nnosuch $y', told: [/nosuch: command not found/, /line 2/, /exit status 127/] },
    remember: 'x=41',
    recall: 'echo $((x + 1))',
    loop: 'echo begun\nwhile true; do :; done',
    sleep: 'echo begun\nsleep 600',
    completion: ['ls /et', '/etc'],
    wide: `echo "${WIDE}"`,
  },
]
