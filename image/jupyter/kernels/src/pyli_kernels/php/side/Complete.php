<?php

namespace Pyli;

/** What may stand where the cursor is. */
final class Complete
{
    private const WORD = '[\w\x80-\xff]*';
    private const CHAIN = '\$?[\w\x80-\xff\\\\]+(?:\??->[\w\x80-\xff]+|\[[^\]]*\])*';
    private const KEYWORDS = 'abstract array as break case catch class clone const continue declare default do echo else elseif'
        . ' empty endfor endforeach endif endswitch endwhile enum extends final finally fn for foreach function global goto'
        . ' if implements include include_once instanceof insteadof interface isset list match namespace new print private'
        . ' protected public readonly require require_once return static switch throw trait try unset use var while yield'
        . ' true false null self parent';

    /** @param int $cursor in characters */
    public static function at(string $code, int $cursor): array
    {
        $before = iconv_substr($code, 0, $cursor, 'UTF-8');
        [$typed, $matches] = self::matches($before);
        sort($matches, SORT_FLAG_CASE | SORT_STRING);
        return [
            'matches' => array_values(array_unique($matches)),
            'cursor_start' => $cursor - iconv_strlen($typed, 'UTF-8'),
            'cursor_end' => $cursor,
        ];
    }

    /** @return array{string, string[]} what is typed of a word already, and the words that begin so */
    private static function matches(string $before): array
    {
        $word = self::WORD;
        $chain = self::CHAIN;
        return match (true) {
            (bool) preg_match("/($chain)\\??->($word)$/", $before, $match) => [$match[2], self::members($match[1], $match[2])],
            (bool) preg_match("/($chain)::(\\$?$word)$/", $before, $match) => [$match[2], self::statics($match[1], $match[2])],
            (bool) preg_match("/($chain)\\[(['\"])([^'\"\\]]*)$/", $before, $match) => [$match[3], self::keys($match[1], $match[3])],
            (bool) preg_match("/\\$($word)$/", $before, $match) => ['$' . $match[1], self::variables($match[1])],
            (bool) preg_match('/[\w\x80-\xff\\\\]+$/', $before, $match) => [$match[0], self::names($match[0])],
            default => ['', []],
        };
    }

    /** Those that begin so. Names of functions and classes do not mind case, those of variables do. */
    private static function beginning(string $typed, array $names, bool $mindsCase = false): array
    {
        $compare = $mindsCase ? strncmp(...) : strncasecmp(...);
        return array_filter(array_map('strval', $names), fn($name) => $compare($name, $typed, strlen($typed)) === 0);
    }

    private static function members(string $chain, string $typed): array
    {
        $class = Scope::classOf($chain);
        if (!$class || !str_starts_with($chain, '$')) {
            return [];
        }
        $public = fn($member) => $member->isPublic() && !$member->isStatic();
        $names = array_map(fn($property) => $property->name, array_filter($class->getProperties(), $public));
        foreach (array_filter($class->getMethods(), $public) as $method) {
            if (!$method->isConstructor() && !$method->isDestructor()) {
                $names[] = $method->name;
            }
        }
        return self::beginning($typed, $names);
    }

    private static function statics(string $chain, string $typed): array
    {
        $class = Scope::classOf($chain);
        if (!$class) {
            return [];
        }
        $public = fn($member) => $member->isPublic() && $member->isStatic();
        $properties = array_map(fn($property) => '$' . $property->name, array_filter($class->getProperties(), $public));
        $methods = array_map(fn($method) => $method->name, array_filter($class->getMethods(), $public));
        return self::beginning($typed, [...$properties, ...$methods, ...array_keys($class->getConstants()), 'class']);
    }

    private static function keys(string $chain, string $typed): array
    {
        $value = Scope::value($chain);
        return $value && is_array($value[0]) ? self::beginning($typed, array_keys($value[0]), mindsCase: true) : [];
    }

    private static function variables(string $typed): array
    {
        return array_map(fn($name) => '$' . $name, self::beginning($typed, array_keys(Scope::variables()), mindsCase: true));
    }

    private static function names(string $typed): array
    {
        $root = str_starts_with($typed, '\\') ? '\\' : '';
        $functions = get_defined_functions();
        $names = [
            ...explode(' ', self::KEYWORDS),
            ...$functions['internal'],
            ...array_map(fn($name) => (new \ReflectionFunction($name))->name, $functions['user']),
            ...get_declared_classes(),
            ...get_declared_interfaces(),
            ...array_keys(get_defined_constants()),
        ];
        $matches = self::beginning(substr($typed, strlen($root)), $names);
        return array_map(fn($name) => $root . $name, $matches);
    }
}
