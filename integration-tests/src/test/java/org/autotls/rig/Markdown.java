package org.autotls.rig;

import java.util.ArrayList;
import java.util.List;

/** What a test needs of a Markdown page: its sections and the code blocks in them. */
final class Markdown {

    private Markdown() {}

    /**
     * One fenced block.
     *
     * @param section the text of the heading of second level above it
     * @param kind what follows the opening fence, such as {@code sh run}
     * @param lines the code
     */
    record Block(String section, String kind, List<String> lines) {}

    static List<Block> blocks(String page) {
        List<Block> found = new ArrayList<>();
        String section = "";
        String kind = "";
        List<String> code = new ArrayList<>();
        boolean inside = false;
        for (String line : page.lines().toList()) {
            if (line.startsWith("```")) {
                if (inside) {
                    found.add(new Block(section, kind, List.copyOf(code)));
                }
                inside = !inside;
                kind = line.substring(3).strip();
                code.clear();
            } else if (inside) {
                code.add(line);
            } else if (line.startsWith("## ")) {
                section = line.substring(3);
            }
        }
        return found;
    }
}
