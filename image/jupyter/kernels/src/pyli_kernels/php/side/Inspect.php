<?php

namespace Pyli;

/** What is known of what stands at the cursor. */
final class Inspect
{
    /**
     * A description in the formats that there are, none where nothing is known.
     *
     * @param int $cursor in characters
     */
    public static function at(string $code, int $cursor): array
    {
        $before = iconv_substr($code, 0, $cursor, 'UTF-8');
        $after = iconv_substr($code, $cursor, null, 'UTF-8');
        preg_match('/^[\w\x80-\xff]*/', $after, $rest);
        // In the arguments of a call it is the function that one wants to know of.
        $text = preg_replace('/\([^()]*$/', '', $before . $rest[0]);
        if (!preg_match('/(\$?[\w\x80-\xff\\\\]+(?:\[[^\]]*\])*)((?:\??->|::)\$?[\w\x80-\xff]+)*$/', $text, $match)) {
            return [];
        }
        $description = self::describe($match[0]);
        return $description === null ? [] : ['text/plain' => $description];
    }

    private static function describe(string $name): ?string
    {
        if (preg_match('/^(.*)(?:\??->|::)(\w+)$/s', $name, $match) && ($class = Scope::classOf($match[1]))) {
            if ($class->hasMethod($match[2])) {
                return self::callable($class->getMethod($match[2]));
            }
            if ($class->hasConstant($match[2])) {
                return "$name = " . Show::text($class->getConstant($match[2]));
            }
        }
        return match (true) {
            str_starts_with($name, '$') => self::variable($name),
            function_exists($name) => self::callable(new \ReflectionFunction($name)),
            Scope::classOf($name) !== null => self::type(Scope::classOf($name)),
            defined($name) => "$name = " . Show::text(constant($name)),
            default => null,
        };
    }

    private static function variable(string $name): ?string
    {
        $value = Scope::value($name);
        return $value ? get_debug_type($value[0]) . " $name = " . Show::text($value[0]) : null;
    }

    private static function callable(\ReflectionFunctionAbstract $function): string
    {
        $class = $function instanceof \ReflectionMethod ? $function->class . '::' : '';
        return self::documented($function, "function $class{$function->name}" . self::parameters($function));
    }

    private static function type(\ReflectionClass $class): string
    {
        $lines = ($class->isInterface() ? 'interface ' : 'class ') . $class->name;
        $lines .= $class->getParentClass() ? ' extends ' . $class->getParentClass()->name : '';
        foreach ($class->getMethods(\ReflectionMethod::IS_PUBLIC) as $method) {
            $lines .= "\n    " . ($method->isStatic() ? 'static ' : '') . $method->name . self::parameters($method);
        }
        return self::documented($class, $lines);
    }

    /** A function's parameters and result as they would be declared. */
    public static function parameters(\ReflectionFunctionAbstract $function): string
    {
        $parameters = array_map(function (\ReflectionParameter $parameter): string {
            $text = ($parameter->hasType() ? $parameter->getType() . ' ' : '') . ($parameter->isPassedByReference() ? '&' : '')
                . ($parameter->isVariadic() ? '...' : '') . '$' . $parameter->name;
            if (!$parameter->isDefaultValueAvailable()) {
                return $text . ($parameter->isOptional() && !$parameter->isVariadic() ? ' = …' : '');
            }
            return "$text = " . Show::text($parameter->getDefaultValue());
        }, $function->getParameters());
        $type = $function->getReturnType() ?? $function->getTentativeReturnType();
        return '(' . implode(', ', $parameters) . ')' . ($type ? ": $type" : '');
    }

    private static function documented(\ReflectionFunctionAbstract|\ReflectionClass $what, string $text): string
    {
        $comment = $what->getDocComment() ? preg_replace('/^\s+/m', ' ', $what->getDocComment()) . "\n" : '';
        $place = $what->getFileName() ? "\n\n" . Failure::place($what->getFileName(), $what->getStartLine()) : '';
        return $comment . $text . $place;
    }
}
