<?php
/* What cells find beside PHP's own functions. */

namespace {
    /** Asks the user for a line, as the readline extension would at a terminal. */
    function readline(?string $prompt = null): string|false
    {
        return Pyli\Input::ask($prompt ?? '') ?? false;
    }

    function readline_add_history(string $prompt): bool
    {
        return true;
    }
}

namespace Pyli {
    /** Shows a value in each of the formats given: ['text/html' => '<b>hi</b>']. Binary ones are base64. */
    function display(array $data, array $metadata = []): void
    {
        Wire::sync();
        Wire::send(['type' => 'display', 'data' => $data, 'metadata' => (object) $metadata]);
        Wire::sync();
    }

    function html(string $html): void
    {
        display(['text/html' => $html, 'text/plain' => strip_tags($html)]);
    }

    /** Shows the bytes of a PNG picture. */
    function png(string $bytes): void
    {
        display(['image/png' => base64_encode($bytes), 'text/plain' => 'PNG picture']);
    }

    /** Clears what the cell has shown; with $wait once something new comes. */
    function clear_output(bool $wait = false): void
    {
        Wire::sync();
        Wire::send(['type' => 'clear_output', 'wait' => $wait]);
    }
}
