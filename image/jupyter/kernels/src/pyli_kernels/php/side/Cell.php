<?php

namespace Pyli;

use ParseError;
use PhpToken;

/**
 * A cell's text made ready to be included, and the stream that it is included from.
 *
 * Lines stay where they are. `exit` ends the cell and not the process, `__DIR__` is the working directory, a final
 * semicolon may be missing, and the value of the last expression is returned.
 */
final class Cell
{
    public const SCHEME = 'cell';

    /** First tokens of statements that have no value. Those of the first row go on until a block's closing brace. */
    private const BLOCKS = [
        T_IF, T_ELSE, T_ELSEIF, T_FOR, T_FOREACH, T_WHILE, T_DO, T_SWITCH, T_TRY, T_CATCH, T_FINALLY, T_CLASS, T_INTERFACE,
        T_TRAIT, T_ENUM, T_ABSTRACT, T_FINAL, T_READONLY, T_NAMESPACE, T_DECLARE, T_ATTRIBUTE,
    ];
    private const VALUELESS = [
        T_ECHO, T_RETURN, T_GLOBAL, T_UNSET, T_USE, T_CONST, T_GOTO, T_BREAK, T_CONTINUE, T_OPEN_TAG, T_CLOSE_TAG, T_THROW,
        T_INLINE_HTML, T_OPEN_TAG_WITH_ECHO, T_ENDIF, T_ENDFOR, T_ENDFOREACH, T_ENDWHILE, T_ENDSWITCH, T_HALT_COMPILER,
    ];
    private const ASSIGNMENTS = [
        T_PLUS_EQUAL, T_MINUS_EQUAL, T_MUL_EQUAL, T_DIV_EQUAL, T_CONCAT_EQUAL, T_MOD_EQUAL, T_AND_EQUAL, T_OR_EQUAL,
        T_XOR_EQUAL, T_SL_EQUAL, T_SR_EQUAL, T_POW_EQUAL, T_COALESCE_EQUAL, T_INC, T_DEC,
    ];
    /** Called for what they do. Their values (a length, true) would be in the way. */
    private const DOERS = '/^(print|v?f?printf|fwrite|fputs|print_r|var_dump|var_export|[aku]*r?sort|shuffle|settype|define|'
        . 'array_(push|unshift|walk|multisort)|usleep|sleep|flush|set_error_handler|spl_autoload_register|ini_set)$/i';

    /** @var array<string, string> the source of each cell by its path, for tracebacks */
    public static array $sources = [];
    /** @var array<string, string> how each function and class of the cells was declared, by kind and name */
    private static array $declared = [];
    private static string $code = '';

    /** @var resource|null set by PHP */
    public $context;
    private int $position = 0;

    /**
     * Takes a cell in. Returns the path to include.
     *
     * @throws Unparsed|Redeclared with the cell's line
     */
    public static function prepare(string $source, int $count): string
    {
        $path = self::SCHEME . "://$count";
        self::$sources[$path] = $source;
        try {
            $tokens = self::replace(self::parse($source));
        } catch (ParseError $error) {
            throw new Unparsed($error->getMessage(), $path, $error->getLine());
        }
        $statements = self::statements($tokens);
        self::keepDeclarations($statements, $path);
        $returns = self::returnLast($statements);
        $code = implode('', array_map(self::text(...), $statements));
        // An include that returns nothing has the value 1.
        $end = $returns || $tokens[count($tokens) - 1]->is(T_INLINE_HTML) ? '' : "\nreturn null;";
        self::$code = Uses::add($code . $end, $statements);
        return $path;
    }

    /** What is missing for the source to be whole: 'complete', 'incomplete' or 'invalid'. */
    public static function completeness(string $source): string
    {
        try {
            self::parse($source);
            return 'complete';
        } catch (ParseError $error) {
            $isOpen = '/unexpected end of file|Unclosed|unterminated|Unterminated/';
            $isCut = preg_match($isOpen, $error->getMessage()) || preg_match('~/\*(?:(?!\*/).)*$~s', $source);
            return $isCut ? 'incomplete' : 'invalid';
        }
    }

    /** @return PhpToken[] of the cell with its opening tag and last semicolon */
    private static function parse(string $source): array
    {
        $code = str_starts_with(ltrim($source), '<?') ? ltrim($source) : "<?php $source";
        try {
            return PhpToken::tokenize($code, TOKEN_PARSE);
        } catch (ParseError $error) {
            // A comment may stand at the end, so the semicolon takes a line of its own.
            if (self::parses("$code\n;")) {
                return PhpToken::tokenize("$code\n;", TOKEN_PARSE);
            }
            throw $error;
        }
    }

    private static function parses(string $code): bool
    {
        try {
            PhpToken::tokenize($code, TOKEN_PARSE);
            return true;
        } catch (ParseError) {
            return false;
        }
    }

    /** @param PhpToken[] $tokens */
    private static function replace(array $tokens): array
    {
        foreach ($tokens as $token) {
            $token->text = match ($token->id) {
                T_EXIT => 'throw new \Pyli\Leave',
                T_DIR => var_export(getcwd(), true),
                default => $token->text,
            };
        }
        return $tokens;
    }

    /**
     * The statements of the outermost level, each as its tokens.
     *
     * @param PhpToken[] $tokens
     * @return PhpToken[][]
     */
    private static function statements(array $tokens): array
    {
        $statements = [];
        $statement = [];
        $depth = 0;
        foreach ($tokens as $token) {
            $statement[] = $token;
            $depth += match (true) {
                in_array($token->text, ['(', '[', '{', '${', '#['], true) || $token->id === T_CURLY_OPEN => 1,
                in_array($token->text, [')', ']', '}'], true) => -1,
                default => 0,
            };
            $ends = $token->is([';', T_OPEN_TAG, T_CLOSE_TAG]) || $token->text === '}' && self::isBlock($statement);
            if ($depth === 0 && $ends) {
                $statements[] = $statement;
                $statement = [];
            }
        }
        return [...$statements, ...($statement ? [$statement] : [])];
    }

    /** @param PhpToken[] $statement */
    private static function significant(array $statement): array
    {
        return array_values(array_filter($statement, fn($token) => !$token->isIgnorable()));
    }

    private static function isBlock(array $statement): bool
    {
        return self::declaration($statement) || self::significant($statement)[0]->is([...self::BLOCKS, '{']);
    }

    /** @return array{string, string}|null the kind (function or class) and name of what a statement declares */
    public static function declaration(array $statement): ?array
    {
        $tokens = self::significant($statement);
        while ($tokens && $tokens[0]->is([T_ABSTRACT, T_FINAL, T_READONLY])) {
            array_shift($tokens);
        }
        if (!$tokens || !$tokens[0]->is([T_FUNCTION, T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM])) {
            return null;
        }
        $name = ($tokens[1]->text ?? '') === '&' ? $tokens[2] : $tokens[1] ?? null;
        return $name?->is(T_STRING) ? [$tokens[0]->is(T_FUNCTION) ? 'function' : 'class', $name->text] : null;
    }

    /** Drops a declaration that is there already word for word: the cell is run a second time. */
    private static function keepDeclarations(array &$statements, string $path): void
    {
        foreach ($statements as &$statement) {
            [$kind, $name] = self::declaration($statement) ?? [null, null];
            if ($kind === null) {
                continue;
            }
            $key = "$kind " . strtolower($name);
            $words = implode(' ', array_map(fn($token) => $token->text, self::significant($statement)));
            $exists = $kind === 'function' ? function_exists($name) : class_exists($name, false)
                || interface_exists($name, false) || trait_exists($name, false);
            if (!$exists) {
                self::$declared[$key] = $words;
            } elseif ((self::$declared[$key] ?? null) === $words) {
                $lines = str_repeat("\n", substr_count(self::text($statement), "\n"));
                $statement = [new PhpToken(T_WHITESPACE, $lines . ' ')];
            } else {
                throw new Redeclared($kind, $name, $path, self::significant($statement)[0]->line);
            }
        }
    }

    /** Has the last statement return its value, if it has one to show. */
    private static function returnLast(array &$statements): bool
    {
        for ($last = count($statements) - 1; $last >= 0; $last--) {
            $tokens = self::significant($statements[$last]);
            if ($tokens && !$tokens[0]->is([';', T_CLOSE_TAG])) {
                break;
            }
        }
        if ($last < 0 || self::isBlock($statements[$last]) || $tokens[0]->is(self::VALUELESS)) {
            return false;
        }
        if (preg_match(self::DOERS, $tokens[0]->text) || self::assigns($tokens)) {
            return false;
        }
        $index = array_search($tokens[0], $statements[$last], true);
        array_splice($statements[$last], $index, 0, [new PhpToken(T_RETURN, 'return ')]);
        return true;
    }

    private static function assigns(array $tokens): bool
    {
        $depth = 0;
        foreach ($tokens as $token) {
            $depth += in_array($token->text, ['(', '[', '{'], true) <=> in_array($token->text, [')', ']', '}'], true);
            if ($depth === 0 && ($token->text === '=' || $token->is(self::ASSIGNMENTS))) {
                return true;
            }
        }
        return false;
    }

    /** @param PhpToken[] $tokens */
    public static function text(array $tokens): string
    {
        return implode('', array_map(fn($token) => $token->text, $tokens));
    }

    public function stream_open(string $path, string $mode): bool
    {
        return true;
    }

    public function stream_read(int $count): string
    {
        $piece = substr(self::$code, $this->position, $count);
        $this->position += strlen($piece);
        return $piece;
    }

    public function stream_eof(): bool
    {
        return $this->position >= strlen(self::$code);
    }

    public function stream_stat(): array
    {
        return [];
    }

    public function stream_set_option(): bool
    {
        return false;
    }
}
