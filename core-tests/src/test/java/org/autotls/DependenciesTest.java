package org.autotls;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whoever adds a dependency to core meets this test, and then the page on dependencies. */
class DependenciesTest {

    private static final Pattern DEPENDENCY = Pattern.compile(
            "<dependency>\\s*<groupId>(.*?)</groupId>\\s*<artifactId>(.*?)</artifactId>(.*?)</dependency>",
            Pattern.DOTALL);

    @Test
    void core_dependsAtRunTimeOnFourLibraries() throws Exception {
        List<String> found = new ArrayList<>();
        Matcher matcher = DEPENDENCY.matcher(Files.readString(Path.of("..", "core", "pom.xml")));
        while (matcher.find()) {
            if (!matcher.group(3).contains("<scope>provided</scope>")) {
                found.add(matcher.group(1) + ":" + matcher.group(2));
            }
        }
        // bcpkix brings bcprov and bcutil.
        assertThat(found)
                .containsExactlyInAnyOrder(
                        "org.slf4j:slf4j-api",
                        "com.fasterxml.jackson.core:jackson-core",
                        "org.pcollections:pcollections",
                        "org.bouncycastle:bcpkix-jdk18on");
    }

    @Test
    void core_requiresTheirModulesAndTheJdksOnly() throws Exception {
        Path descriptor = Path.of("..", "core", "target", "classes", "module-info.class");
        Set<String> required;
        try (var in = Files.newInputStream(descriptor)) {
            required = ModuleDescriptor.read(in).requires().stream()
                    .filter(module -> !module.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                    .map(ModuleDescriptor.Requires::name)
                    .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."))
                    .collect(Collectors.toSet());
        }
        assertThat(required)
                .isSubsetOf(
                        "org.slf4j",
                        "com.fasterxml.jackson.core",
                        "org.bouncycastle.pkix",
                        "org.bouncycastle.provider",
                        "org.bouncycastle.util",
                        "org.pcollections");
    }
}
