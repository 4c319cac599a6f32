<?php

namespace Pyli;

/** `use` holds for one file, a cell is one; so each cell gets those of the cells before it. */
final class Uses
{
    /** @var array<string, string> the statements, by the name that they give */
    private static array $known = [];

    /**
     * The code with what earlier cells use, on its first line.
     *
     * @param \PhpToken[][] $statements of the code
     */
    public static function add(string $code, array $statements): string
    {
        $taken = [];
        foreach ($statements as $statement) {
            if ($declaration = Cell::declaration($statement)) {
                $taken[strtolower($declaration[1])] = null;
            }
            $text = trim(Cell::text(array_filter($statement, fn($token) => !$token->isIgnorable() || $token->is(T_WHITESPACE))));
            if (preg_match('/^(namespace|declare)\b/i', $text)) {
                return $code;
            }
            if (preg_match('/^use\s+[^{,]*?([\w\x80-\xff]+)\s*;$/i', $text, $match)) {
                $taken[strtolower($match[1])] = preg_replace('/\s+/', ' ', $text);
            }
        }
        $earlier = implode(' ', array_diff_key(self::$known, $taken));
        self::$known = array_filter([...self::$known, ...$taken]);
        return preg_replace('/^<\?php\s/', "$0$earlier ", $code, 1);
    }
}
