<?php

namespace Pyli;

/** A value as text, like PHP would write it, cut where it is long or deep. */
final class Show
{
    private const DEPTH = 6;
    private const ITEMS = 100;
    private const WIDTH = 100;

    /** A value in the formats that there are for it. */
    public static function bundle(mixed $value): array
    {
        $data = ['text/plain' => self::text($value)];
        if ($value instanceof \GdImage) {
            ob_start();
            imagepng($value);
            $data['image/png'] = base64_encode(ob_get_clean());
        }
        return ['data' => $data, 'metadata' => (object) []];
    }

    public static function text(mixed $value, int $depth = 0): string
    {
        return match (true) {
            is_null($value) => 'null',
            is_bool($value), is_float($value) => var_export($value, true),
            is_string($value) => "'" . addcslashes($value, "'\\") . "'",
            is_array($value) => self::items($value, '[', ']', $depth, array_is_list($value) ? null : self::text(...)),
            $value instanceof \UnitEnum => $value::class . "::{$value->name}",
            $value instanceof \Closure => 'Closure' . Inspect::parameters(new \ReflectionFunction($value)),
            is_object($value) => self::object($value, $depth),
            is_resource($value) => 'resource(' . get_resource_type($value) . ')',
            default => (string) $value,
        };
    }

    private static function object(object $value, int $depth): string
    {
        $name = str_contains($value::class, "@anonymous") ? 'class@anonymous' : $value::class;
        $properties = [];
        foreach ((array) $value as $key => $property) {
            $properties[preg_replace('/^\0.*\0/', '', (string) $key)] = $property;
        }
        if (!$properties && $value instanceof \Stringable) {
            return "$name(" . self::text((string) $value) . ')';
        }
        return $name . ' ' . self::items($properties, '{', '}', $depth, fn($key) => (string) $key, ': ');
    }

    private static function items(array $items, string $open, string $close, int $depth, ?callable $key, string $sign = ' => '): string
    {
        if (!$items) {
            return $open . $close;
        }
        if ($depth >= self::DEPTH) {
            return $open . '…' . $close;
        }
        $texts = [];
        foreach (array_slice($items, 0, self::ITEMS, true) as $name => $item) {
            $texts[] = ($key ? $key($name) . $sign : '') . self::text($item, $depth + 1);
        }
        if (count($items) > self::ITEMS) {
            $texts[] = '… ' . (count($items) - self::ITEMS) . ' more';
        }
        $line = $open . implode(', ', $texts) . $close;
        if (strlen($line) <= self::WIDTH && !str_contains($line, "\n")) {
            return $line;
        }
        $indent = str_repeat('  ', $depth + 1);
        return "$open\n$indent" . implode(",\n$indent", $texts) . ",\n" . str_repeat('  ', $depth) . $close;
    }
}
