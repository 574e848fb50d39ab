/** Automatic TLS for Spring Boot 4. Nothing here is called by applications: Spring Boot finds it. */
@NullMarked
package org.autotls.spring.boot4;

import org.jspecify.annotations.NullMarked;
