package org.autotls.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says: ours and the JVM's, which is what a report of a fault needs. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String own = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("development");
        return new String[] {"autotls " + own, "Java " + Runtime.version() + ", " + System.getProperty("os.name")};
    }
}
