package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The BOM lists what is published, all of it and nothing else. */
class BomTest {

    /** Every other module is for users, and belongs into the BOM. */
    private static final Set<String> NOT_PUBLISHED =
            Set.of("benchmarks", "bom", "cli", "core-tests", "integration-tests", "spring-boot-testkit");

    private static final Pattern MODULE = Pattern.compile("<module>(.*?)</module>");
    private static final Pattern MANAGED =
            Pattern.compile("<artifactId>(autotls-.*?)</artifactId>\\s*<version>(.*?)</version>");
    private static final Pattern OWN_ARTIFACT = Pattern.compile("</parent>\\s*<artifactId>(.*?)</artifactId>");
    private static final Pattern OWN_VERSION =
            Pattern.compile("<artifactId>autotls-(?:parent|bom)</artifactId>\\s*<version>(.*?)</version>");

    private final String bom = pom("bom/pom.xml");

    @Test
    void bom_listsEveryPublishedModule() {
        Set<String> published = MODULE.matcher(pom("pom.xml"))
                .results()
                .map(found -> found.group(1))
                .filter(module -> !module.startsWith("examples") && !NOT_PUBLISHED.contains(module))
                .map(module -> first(OWN_ARTIFACT, pom(module + "/pom.xml")))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(published).hasSizeGreaterThan(5);
        assertThat(managed()).containsExactlyElementsOf(published);
    }

    @Test
    void bom_saysNothingAboutOtherLibrariesAndHasTheVersionOfTheRest() {
        assertThat(bom).doesNotContain("<parent>").contains("<groupId>org.autotls</groupId>");
        assertThat(bom.split("<dependency>", -1)).hasSize(managed().size() + 1);
        assertThat(first(OWN_VERSION, bom)).isEqualTo(first(OWN_VERSION, pom("pom.xml")));
    }

    private Set<String> managed() {
        return MANAGED.matcher(bom)
                .results()
                .filter(found -> found.group(2).equals("${project.version}"))
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String first(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
    }

    private static String pom(String path) {
        return Repository.read(Repository.root().resolve(path));
    }
}
