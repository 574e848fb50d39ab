package org.autotls.benchmarks;

import java.util.HashMap;
import java.util.Map;

/** The options of a benchmark: {@code --KEY NUMBER}, each with a default. */
record Options(Map<String, Integer> values) {

    /**
     * Reads the arguments.
     *
     * @param arguments as given on the command line
     * @param defaults every option there is
     * @throws IllegalArgumentException if one is unknown or not a number greater than 0
     */
    static Options parse(String[] arguments, Map<String, Integer> defaults) {
        Map<String, Integer> values = new HashMap<>(defaults);
        for (int i = 0; i < arguments.length; i += 2) {
            String key = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            String value = i + 1 < arguments.length ? arguments[i + 1] : "";
            if (!defaults.containsKey(key) || !value.matches("[1-9][0-9]{0,7}")) {
                throw new IllegalArgumentException("'%s %s': expected one of --%s and a number greater than 0"
                        .formatted(arguments[i], value, String.join(", --", defaults.keySet())));
            }
            values.put(key, Integer.valueOf(value));
        }
        return new Options(Map.copyOf(values));
    }

    int number(String key) {
        Integer value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("no option " + key);
        }
        return value;
    }
}
