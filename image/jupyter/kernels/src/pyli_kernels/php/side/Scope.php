<?php

namespace Pyli;

/** What a text like `$user->name`, `Foo::bar` or `strlen` stands for, found without running anything of the user's. */
final class Scope
{
    /** The user's variables. */
    public static function variables(): array
    {
        $ours = ['GLOBALS' => 0, '_GET' => 0, '_POST' => 0, '_COOKIE' => 0, '_FILES' => 0, '__pyli' => 0];
        return array_diff_key($GLOBALS, $ours);
    }

    /**
     * The value of a chain of a variable, properties and literal keys.
     *
     * @return array{mixed}|null the value in an array, null where there is none
     */
    public static function value(string $chain): ?array
    {
        if (!preg_match('/^\$([\w\x80-\xff]+)/', $chain, $match) || !array_key_exists($match[1], $GLOBALS)) {
            return null;
        }
        $value = $GLOBALS[$match[1]];
        preg_match_all('/(?:\?->|->)([\w\x80-\xff]+)|\[[\'"]?([^\]\'"]+)[\'"]?\]/', substr($chain, strlen($match[0])), $steps, PREG_SET_ORDER);
        foreach ($steps as $step) {
            $items = is_object($value) && !isset($step[2]) ? get_object_vars($value) : (is_array($value) ? $value : []);
            $key = $step[2] ?? $step[1];
            if (!array_key_exists($key, $items)) {
                return null;
            }
            $value = $items[$key];
        }
        return [$value];
    }

    /** The class that stands before `->` or `::`, if it can be told. */
    public static function classOf(string $text): ?\ReflectionClass
    {
        if (str_starts_with($text, '$')) {
            $value = self::value($text);
            return $value && is_object($value[0]) ? new \ReflectionObject($value[0]) : null;
        }
        return class_exists($text) || interface_exists($text) || trait_exists($text) ? new \ReflectionClass($text) : null;
    }
}
