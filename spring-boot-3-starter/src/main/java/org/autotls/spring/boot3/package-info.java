/** Automatic TLS for Spring Boot 3.5. Nothing here is called by applications: Spring Boot finds it. */
@NullMarked
package org.autotls.spring.boot3;

import org.jspecify.annotations.NullMarked;
