namespace hosting;
